import { createHash, createHmac } from 'node:crypto'
import type { DatasetSpec } from '../schemas/dataset-spec.js'
import { learnerKey } from '../schemas/learner-key.js'
import type { Identity } from './format.js'

/** RFC 4648 base32 in lower case. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const letters = 26

/**
 * Who a row is about. `true`: a pseudonym that only the holder of the key can make again; equal over all datasets of one key, so that they
 * can be joined. `'ids'`: the source's own id, as the old job wrote it.
 */
export function identityOf(anonymize: DatasetSpec['anonymize'], pseudonyms: Identity): Identity {
  return anonymize === 'ids' ? (_host, name) => name : pseudonyms
}

/** `p` and the first 130 bits of HMAC-SHA-256(key, `host|name`) in base32; the parts stand as in learner keys. */
export function pseudonym(key: Uint8Array, host: string, name: string): string {
  const digest = createHmac('sha256', key)
    .update(learnerKey('', host, name).slice(1))
    .digest()
  let text = 'p'
  let bits = 0
  let held = 0
  for (let i = 0; text.length <= letters; i++) {
    held = ((held << 8) | digest[i]!) & 0xfff
    for (bits += 8; bits >= 5 && text.length <= letters; bits -= 5) text += alphabet[(held >> (bits - 5)) & 31]
  }
  return text
}

/**
 * Pseudonyms, remembered: hashing costs more than the rest of a short row. Of every host the names live in two generations of at most
 * `remembered` each, of which the older is forgotten when the younger is full (about 200 bytes a name: 8 MB by default). Make one per key.
 */
export function pseudonymIdentity(key: Uint8Array, remembered = 20_000): Identity {
  let young = new Map<string, Map<string, string>>()
  let old = young
  let size = 0
  return (host, name) => {
    const known = young.get(host)?.get(name)
    if (known !== undefined) return known
    if (size >= remembered) {
      old = young
      young = new Map()
      size = 0
    }
    const made = old.get(host)?.get(name) ?? pseudonym(key, host, name)
    const names = young.get(host) ?? new Map<string, string>()
    young.set(host, names.set(name, made))
    size++
    return made
  }
}

/** Names a key without giving it away: manifests say which key made their pseudonyms. */
export function keyFingerprint(key: Uint8Array): string {
  return createHash('sha256').update('tributary pseudonym key\n').update(key).digest('hex').slice(0, 16)
}

/** The key of docker-compose.yml and .env.example. Everybody can make its pseudonyms, so they hide nobody. */
export const publicKey = 'everybody-knows-this-key'

const publicFingerprint = keyFingerprint(Buffer.from(publicKey))

export const isPublicKey = (fingerprint: string | null) => fingerprint === publicFingerprint
