import { facts, type Import, type Source, sources } from './sources.js'

/** One rule: why it is there, and what breaks it. Every breach is shown as `file: what`. */
function rule(reason: string, breaches: (source: Source) => readonly string[]): void {
  test(reason, () => {
    expect(sources.flatMap(source => breaches(source).map(breach => `${source.path}: ${breach}`))).toEqual([])
  })
}

const pure = /^(schemas|producers|processors|sinks)\//
const product = /^(main\.ts|config\.ts|topology\.ts|(schemas|producers|processors|sinks|runtime|commands|stack|demo|verify)\/)/

/** What may be imported from where: `main → commands → topology → { producers, processors, sinks } → schemas`, and `runtime` beside. */
const may: Readonly<Record<string, RegExp>> = {
  schemas: /^schemas\//,
  producers: /^(schemas|producers)\//,
  processors: /^(schemas|processors)\//,
  sinks: /^(schemas|sinks)\//,
  'topology.ts': /^(schemas|producers|processors|sinks)\//,
  'config.ts': /^schemas\//,
  runtime: /^(config\.ts$|(schemas|producers|processors|sinks|runtime)\/)/,
  stack: /^(schemas\/errors\.ts$|stack\/)/,
  verify: /^(verify|schemas)\//,
  demo: /^((config|topology)\.ts$|(demo|schemas|runtime|stack|verify|commands\/terminal)\/)/,
  commands: /^((config|topology)\.ts$|(commands|schemas|runtime|stack|verify|demo)\/)/,
  'main.ts': /^(commands\/|runtime\/package-root\.ts$)/,
}

/** The checker declares what it is lent; runtime implements that port, and needs its type. */
const isVerifyPort = (source: Source, found: Import) =>
  source.path.startsWith('runtime/') && found.typeOnly && found.from.startsWith('verify/')

const folderOf = (path: string) => path.split('/')[0] ?? path
const own = (source: Source) => source.imports.filter(found => found.own)
const packages = (source: Source) => source.imports.filter(found => !found.own)
const from = (found: Import) => `imports ${found.from}`

rule(
  'Dependencies point one way, so that a part can be read, tested and replaced without those above it. ' +
    'The three middle folders never meet but in a topic: a source knows no format, a format no processor.',
  source => {
    const allowed = may[folderOf(source.path)]
    if (!product.test(source.path) || allowed === undefined) return []
    return own(source)
      .filter(found => !allowed.test(found.from) && !isVerifyPort(source, found))
      .map(from)
  },
)

const listed = sources
  .filter(({ path }) => path === 'topology.ts')
  .flatMap(own)
  .filter(found => !found.typeOnly && /^(producers|sinks|processors(?!\/route))\//.test(found.from))
  .map(found => found.from)

rule(
  'The loops know sources, aggregates and formats by contract only: one more is a file and a line in topology.ts, and no change here.',
  source =>
    source.path.startsWith('runtime/')
      ? own(source)
          .filter(found => listed.includes(found.from) || found.from.startsWith('sinks/formats/'))
          .map(from)
      : [],
)

rule('Tests and benchmarks are not shipped: the product must not need them.', source =>
  product.test(source.path)
    ? own(source)
        .filter(found => /^(test|bench)\//.test(found.from))
        .map(from)
    : [],
)

const impure = ['async', 'await', 'process', 'Date.now', 'new Date()', 'Math.random', 'fetch()', 'setTimeout()', 'setInterval()']
rule(
  'What an event becomes depends on the event alone: without waiting, clock and chance, a replay gives the same rows and a test needs no server.',
  source => (pure.test(source.path) ? impure.filter(name => source.uses.has(name)).map(name => `uses ${name}`) : []),
)

rule('A pure folder reaches no disk, network or process; hashing is deterministic and stays.', source =>
  pure.test(source.path)
    ? packages(source)
        .filter(found => found.from.startsWith('node:') && !/^node:(crypto|buffer)$/.test(found.from))
        .map(from)
    : [],
)

rule('kafkajs stays in one folder: its types and its faults reach nobody else, and it can be replaced.', source =>
  product.test(source.path) && !source.path.startsWith('runtime/kafka/')
    ? packages(source)
        .filter(found => found.from === 'kafkajs' || found.from.startsWith('kafkajs/'))
        .map(from)
    : [],
)

rule('The S3 client stays in one folder: everybody else sees the port.', source =>
  product.test(source.path) && !source.path.startsWith('runtime/s3/')
    ? packages(source)
        .filter(found => found.from.startsWith('@aws-sdk/') || found.from.startsWith('@smithy/'))
        .map(from)
    : [],
)

rule(
  'Environment, arguments and exit belong to main.ts: everything else is told, so it can be run twice in one process and tested.',
  source =>
    product.test(source.path) && source.path !== 'main.ts'
      ? ['process.env', 'process.argv', 'process.exit', 'process.exitCode']
          .filter(name => source.uses.has(name))
          .map(name => `uses ${name}`)
      : [],
)

rule('Standard output is what a command prints; a stray line there breaks every script that reads JSON.', source =>
  product.test(source.path) && source.uses.has('console') ? ['uses console'] : [],
)

const words =
  /^schemas\/(vocabulary|errors|topics|event|refusal|headers|json-value|learner-key|manifest|marker|route-ledger|dataset-files|dataset-spec)\.ts$/
rule(
  'The checker repeats what it checks with readers of its own: a mistake that it shared with the product it could not see. ' +
    'It may share the words on the wire, and the types of what it is lent.',
  source =>
    source.path.startsWith('verify/')
      ? own(source)
          .filter(found => !found.typeOnly && !found.from.startsWith('verify/') && !words.test(found.from))
          .map(from)
      : [],
)

rule('`any` switches the compiler off for all that it touches.', source => (source.uses.has('any') ? ['uses any'] : []))

test('the rules see what they look for', () => {
  const text = `
    import kafka from 'kafkajs'; import type { A } from './a.js'; import { type B } from '../b.js'; export * from './c.js'
    const lazy = async () => { await import('./d.js'); new Date(); new Date(0); Date.now(); process.env.X; console.log(Math.random()) }
    // import x from 'comment'; await nothing
    const text = "import y from 'text'; await nothing"; let v: any`
  const found = facts(text, 'sinks/x.ts')
  expect(found.imports).toEqual([
    { from: 'kafkajs', own: false, typeOnly: false },
    { from: 'sinks/a.ts', own: true, typeOnly: true },
    { from: 'b.ts', own: true, typeOnly: true },
    { from: 'sinks/c.ts', own: true, typeOnly: false },
    { from: 'sinks/d.ts', own: true, typeOnly: false },
  ])
  expect(
    ['async', 'await', 'new Date()', 'Date.now', 'process', 'process.env', 'console', 'Math.random', 'any'].filter(
      name => !found.uses.has(name),
    ),
  ).toEqual([])
  expect([...facts('const later = new Date(5)', 'sinks/x.ts').uses]).toEqual([])
})

test('every folder has its rule', () => {
  const folders = new Set(sources.map(({ path }) => folderOf(path)))
  const known = [...Object.keys(may), 'test', 'bench']
  expect([...folders].filter(folder => !known.includes(folder))).toEqual([])
})
