const scheme = /^[a-z][a-z0-9+.-]*:\/\//

/** `https://Torus.example.edu/` and `torus.example.edu` are one host. Frozen: it is part of keys and ids. */
export function normalHost(homePage: string): string {
  let host = homePage.toLowerCase()
  if (host.includes('://')) host = host.replace(scheme, '')
  let end = host.length
  while (end > 0 && host.charCodeAt(end - 1) === 0x2f) end--
  return end === host.length ? host : host.slice(0, end)
}

/**
 * Bytes of the longest learner key. It stands in every record, in books, caches and stores, so what somebody sends must not decide their
 * size; LMDB takes no key above 1,978 bytes.
 */
export const maxLearnerKeyBytes = 1024

const special = /[%|]/
const specials = /[%|]/g
const encode = (part: string) => (special.test(part) ? part.replace(specials, c => (c === '%' ? '%25' : '%7C')) : part)

/**
 * `section|host|name`: the Kafka key of everything a learner does in a section; decides the partition. Frozen.
 * `learnerKey('2400', 'torus.example.edu', '42')` = `2400|torus.example.edu|42`
 */
export function learnerKey(section: string, host: string, name: string): string {
  return `${encode(section)}|${encode(host)}|${encode(name)}`
}

/** Null where the key would be longer than keys may be. */
export function boundedLearnerKey(section: string, host: string, name: string): string | null {
  // A UTF-16 unit takes at least one byte, and what is much too long is not even put together.
  if (section.length + host.length + name.length > maxLearnerKeyBytes) return null
  const key = learnerKey(section, host, name)
  return key.length * 3 > maxLearnerKeyBytes && Buffer.byteLength(key) > maxLearnerKeyBytes ? null : key
}

const decode = (part: string) => (part.includes('%') ? part.replaceAll('%7C', '|').replaceAll('%25', '%') : part)

/** What a learner key is made of. */
export function learnerKeyParts(key: string): { readonly section: string; readonly host: string; readonly learner: string } {
  const [section = '', host = '', learner = ''] = key.split('|', 3)
  return { section: decode(section), host: decode(host), learner: decode(learner) }
}
