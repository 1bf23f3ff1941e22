import { identityOf, keyFingerprint, pseudonym, pseudonymIdentity } from '../../sinks/identity.js'

const key = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex')

/** Made once with Python: 'p' + base64.b32encode(hmac.digest(key, text, 'sha256')).decode().lower()[:26] */
const vectors = [
  ['torus.example.edu', '42', 'pvxry2i7fi34piva64ju263xtou'],
  ['torus.example.edu', '', 'pgtxyjc6xs7hu4lozy7uh3a6vuw'],
  ['', 'mailto:a@example.org', 'pzoo64kcnxxvsnxag7ha3xaopih'],
  ['a|b', 'c%d', 'plhddmvvkecm7jfo7ncxvar4kfv'],
  ['höst', '学生', 'p7gygkylyuv4gjsn3xwdhsq3nhv'],
] as const

it.each(vectors)('the pseudonym of %j, %j is %s', (host, name, expected) => {
  expect(pseudonym(key, host, name)).toBe(expected)
  expect(expected).toMatch(/^p[a-z2-7]{26}$/)
})

it('keeps host and name apart, and keys', () => {
  expect(pseudonym(key, 'a|b', 'c')).not.toBe(pseudonym(key, 'a', 'b|c'))
  expect(pseudonym(Buffer.from('another'), 'a', 'b')).not.toBe(pseudonym(key, 'a', 'b'))
  expect(keyFingerprint(key)).toMatch(/^[0-9a-f]{16}$/)
  expect(keyFingerprint(key)).not.toBe(keyFingerprint(Buffer.from('another')))
})

it('remembers without mixing people up, however little it may remember', () => {
  for (const remembered of [1, 2, 7, 1000]) {
    const identity = pseudonymIdentity(key, remembered)
    for (let i = 0; i < 300; i++) {
      const [host, name] = [`h${i % 3}`, String((i * 7) % 11)]
      expect(identity(host, name)).toBe(pseudonym(key, host, name))
    }
  }
})

it("'ids' prints the source's id", () => {
  expect(identityOf('ids', () => 'p')('host', '42')).toBe('42')
  expect(identityOf(true, () => 'p')('host', '42')).toBe('p')
})
