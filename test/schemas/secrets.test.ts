import { redactor, shownAddress, splitLogin } from '../../schemas/secrets.js'

test('a login is taken out of a URL, decoded', () => {
  expect(splitLogin('https://ann:p%40ss%2Fword@registry:8081/path')).toEqual({
    url: 'https://registry:8081/path',
    login: { user: 'ann', password: 'p@ss/word' },
  })
  expect(splitLogin('http://ann@host').login).toEqual({ user: 'ann', password: '' })
  // A percent sign that nobody encoded is one.
  expect(splitLogin('http://ann:100%25%@host').login!.password).toBe('100%25%')
  for (const url of ['http://host/a@b', 'no url: ann:secret@host']) expect(splitLogin(url)).toEqual({ url, login: null })
})

test('an address is shown without what may let somebody in, whether it is a URL or not', () => {
  for (const [given, shown] of [
    ['http://ann:secret@host:1/x', 'http://********@host:1/x'],
    ['http://ann:pa/ss@wo?rd@host:1', 'http://********@host:1'],
    ['ann:secret@host:9092', '********@host:9092'],
    ['https://host/queue?token=secret', 'https://host/queue?********'],
    ['https://host:8081/x', 'https://host:8081/x'],
    ['a:1,b:2', 'a:1,b:2'],
  ] as const)
    expect(shownAddress(given)).toBe(shown)
})

test('secrets are masked in any text, as they are, in URLs and in JSON', () => {
  const redact = redactor(['se"cret/1', 'se"cret/1+more', 'abc'])
  expect(redact('se"cret/1+more, se"cret/1, se%22cret%2F1, {"x":"se\\"cret/1"} abc')).toBe(
    '********, ********, ********, {"x":"********"} abc',
  )
})
