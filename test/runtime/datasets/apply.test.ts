import { applyDataset } from '../../../runtime/datasets/apply.js'
import type { Format } from '../../../sinks/format.js'
import { topology } from '../../../topology.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'

const spec = { id: 'films', kind: 'video' }
const raised = topology.formats.map((format): Format => (format.kind === 'video' ? { ...format, rules: format.rules + 1 } : format))

test('an unchanged spec is a new revision only by a release with newer rules, and an older one does not take it back', async () => {
  const { services } = await makeMemoryWorld()
  const apply = (formats: readonly Format[]) => applyDataset(services, formats, spec, { dryRun: false })
  const first = await apply(topology.formats)
  expect(first).toMatchObject({ changed: true, revision: expect.any(Number) })
  expect(await apply(topology.formats)).toEqual({ ...first, changed: false })

  const newer = await apply(raised)
  expect(newer.changed).toBe(true)
  expect(newer.revision).toBeGreaterThan(first.revision!)
  expect(await apply(raised)).toEqual({ ...newer, changed: false })
  expect(await apply(topology.formats)).toEqual({ ...newer, changed: false })
})
