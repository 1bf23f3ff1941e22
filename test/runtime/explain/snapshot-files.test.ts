import type { Explaining } from '../../../runtime/explain/explaining.js'
import { filesOfLearner } from '../../../runtime/explain/snapshot-files.js'
import type { AppliedSpec } from '../../../runtime/spec-table.js'
import { tableKeyOf } from '../../../sinks/table-key.js'

test('the file of a learner is found by the pseudonym key, and without it only its partition', () => {
  const files = new Map([0, 1, 2, 3].map(index => [index, { key: `people/b${index}`, bucket: { index, of: 4 } }]))
  const tables = { sinks: [{ files: new Map([['people|7', files]]) }] }
  const applied = { spec: { id: 'people' }, revision: 7 } as AppliedSpec
  const found = (tableKey: Explaining['tableKey']) =>
    filesOfLearner({ tables, tableKey } as unknown as Explaining, applied, { key: '145|torus.test|4', partition: 0 })
  expect(found(tableKeyOf(Buffer.from('a key of sixteen characters')))).toHaveLength(1)
  expect(found(null)).toHaveLength(4)
})
