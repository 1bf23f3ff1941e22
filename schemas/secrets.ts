/** Stands for what is not shown. */
export const masked = '********'

/** User name and password of `https://user:password@host`, decoded; null = the URL has none. */
export interface Login {
  readonly user: string
  readonly password: string
}

/** A URL without its user information, and that. */
export function splitLogin(url: string): { readonly url: string; readonly login: Login | null } {
  if (!URL.canParse(url)) return { url, login: null }
  const parsed = new URL(url)
  if (parsed.username === '' && parsed.password === '') return { url, login: null }
  const login = { user: decoded(parsed.username), password: decoded(parsed.password) }
  parsed.username = ''
  parsed.password = ''
  return { url: parsed.href, login }
}

/** As a person may see an address: whatever is before its host, and its query, may let somebody in. Holds for text that is no URL at all. */
export const shownAddress = (text: string): string =>
  text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, `$1${masked}@`).replace(/\?.+$/s, `?${masked}`)

/** Masks every one of these in a text: a library's message may repeat what it was given. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(secrets.filter(secret => secret.length >= shortest).flatMap(formsOf))
  // The longest first: one may contain another.
  const ordered = [...forms].sort((a, b) => b.length - a.length)
  return text => ordered.reduce((shown, secret) => shown.replaceAll(secret, masked), text)
}

/** A shorter one would be found in every other word. */
const shortest = 4

/** As it is, in a URL, in JSON. */
const formsOf = (secret: string): string[] => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
