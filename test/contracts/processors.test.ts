import { route } from '../../processors/route/route.js'
import { topology } from '../../topology.js'
import { aggregateContract } from './aggregate.js'
import { routeContract } from './route.js'

/** By name: a processor without a suite fails. Aggregates are all held to the same. */
const suites: Readonly<Record<string, () => void>> = { [route.name]: routeContract }

test.each(topology.processors.map(({ name }) => name))('%s has a suite', name => {
  expect(Object.keys(suites)).toContain(name)
})

for (const { name } of topology.processors) describe(name, () => suites[name]?.())
for (const aggregate of topology.aggregates) describe(aggregate.name, () => aggregateContract(aggregate))

test('no topic has two writers', () => {
  const written = topology.aggregates.flatMap(({ to }) => to)
  expect(new Set(written).size).toBe(written.length)
})
