/**
 * How one dataset calls each learner: it may have one pseudonym only, whoever made the file. This is seen without the key.
 * Memory: about 250 MB per million learners.
 */
export class PersonNames {
  readonly #names = new Map<string, string>()
  readonly #say: (text: string) => void

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  note({ host, learner }: { readonly host: string; readonly learner: string }, name: string, file: string): void {
    const person = JSON.stringify([host, learner])
    const known = this.#names.get(person)
    if (known === undefined) this.#names.set(person, name)
    // Said once of each learner.
    else if (known !== name && known !== '') {
      this.#names.set(person, '')
      this.#say(`${file}: a learner is called ${name}, and ${known} in another row`)
    }
  }
}
