import { commands, groups } from '../../commands/all.js'
import { understand } from '../../commands/command-line.js'

test('names are there once, and every group is described', () => {
  const names = commands.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(Object.keys(groups).sort()).toEqual([...new Set(names.flatMap(name => (name.includes(' ') ? [name.split(' ')[0]] : [])))].sort())
})

test.each(commands.map(command => [command.name, command] as const))(
  '%s: its examples are understood and its help is whole sentences',
  (_, command) => {
    expect(command.examples.length).toBeGreaterThan(0)
    for (const [line] of command.examples) {
      const understood = understand({ commands, groups, version: '0' }, line.split(' '), {}, () => undefined)
      expect(understood).toMatchObject({ kind: 'chosen', chosen: { command: { name: command.name } } })
    }
    expect(command.about).toMatch(/[.]$/)
    for (const flag of Object.values(command.flags)) expect(flag.about).toMatch(/[.]$/)
  },
)
