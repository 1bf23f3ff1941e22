import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findJava, inspectJava, javaMajor, javaVersion } from '../../stack/java.js'

const folder = mkdtempSync(join(tmpdir(), 'tributary-java-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fakeJava(name: string, version: string): string {
  const home = join(folder, name)
  for (const part of ['bin', 'lib']) mkdirSync(join(home, part), { recursive: true })
  writeFileSync(join(home, 'lib', 'modules'), '')
  writeFileSync(join(home, 'bin', 'java'), '#!/bin/sh\n')
  chmodSync(join(home, 'bin', 'java'), 0o755)
  writeFileSync(join(home, 'release'), `IMPLEMENTOR="Debian"\nJAVA_VERSION="${version}"\nJAVA_VERSION_DATE="2026-04-21"\n`)
  return home
}

test.each([
  ['25.0.3', 25],
  ['17.0.15', 17],
  ['1.8.0_402', 8],
  ['21-ea', 21],
  ['not a version', null],
])('the major version of %s is %s', (version, major) => {
  expect(javaMajor(version)).toBe(major)
})

test('the version is read from a release file and from what java prints', () => {
  expect(
    javaVersion('IMPLEMENTOR="x"\nIMPLEMENTOR_VERSION="Temurin-25.0.3+9"\nJAVA_RUNTIME_VERSION="25.0.3+9-LTS"\nJAVA_VERSION="25.0.3"\n'),
  ).toBe('25.0.3')
  expect(javaVersion('Picked up JAVA_TOOL_OPTIONS: -Dx="y"\nopenjdk version "17.0.15" 2025-04-15\n')).toBe('17.0.15')
  expect(javaVersion('java: not found')).toBeNull()
})

test('a folder without a runtime is no Java', async () => {
  const home = fakeJava('stub', '25')
  rmSync(join(home, 'lib', 'modules'))
  expect(await inspectJava(home)).toBeNull()
})

test('JAVA_HOME comes before PATH, and one that is too old is passed over', async () => {
  const old = fakeJava('old', '17.0.15')
  const good = fakeJava('good', '21.0.2')
  const newer = fakeJava('newer', '25.0.3')
  expect(await findJava({ JAVA_HOME: good, PATH: join(newer, 'bin') })).toEqual({ home: good, version: '21.0.2', major: 21 })
  expect(await findJava({ JAVA_HOME: old, PATH: `${join(old, 'bin')}:${join(newer, 'bin')}` })).toMatchObject({ home: newer })
})

test('a Java that a person names must be usable', async () => {
  const old = fakeJava('named', '17.0.15')
  const good = fakeJava('good', '21.0.2')
  await expect(findJava({ TRIBUTARY_JAVA_HOME: old, JAVA_HOME: good })).rejects.toMatchObject({
    code: 'MACHINE_LACKS',
    message: expect.stringContaining('Java 17.0.15'),
  })
})
