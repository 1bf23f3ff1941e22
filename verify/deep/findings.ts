const shown = 50

/** Problems by kind: the first 50 of each are told, all are counted. */
export class Findings {
  readonly #kinds = new Map<string, { count: number; readonly texts: string[] }>()

  add(kind: string, text: string): void {
    const found = this.#kinds.get(kind) ?? { count: 0, texts: [] }
    this.#kinds.set(kind, found)
    found.count++
    if (found.texts.length < shown) found.texts.push(text)
  }

  /** One line each, and one for those of a kind that are not told. */
  lines(): string[] {
    return [...this.#kinds].flatMap(([kind, { count, texts }]) => [
      ...texts.map(text => `${kind}: ${text}`),
      ...(count > texts.length ? [`${kind}: ${count - texts.length} more, ${count} altogether`] : []),
    ])
  }
}
