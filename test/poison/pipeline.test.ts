import { makeMemoryWorld } from '../driver/memory-world.js'
import { limit } from './poison.js'
import { pour } from './pour.js'

test('no poison stops the pipeline, is lost, or harms its neighbours', async () => {
  await pour(await makeMemoryWorld({ MAX_STATEMENT_BYTES: String(limit) }))
})
