import { systemClock } from '../../runtime/clock.js'
import { memoryQueue } from '../../runtime/memory/memory-queue.js'
import { eventQueueContract } from './event-queue.js'

eventQueueContract('memory', async () => {
  const queue = memoryQueue(systemClock)
  return { queue, inside: queue, close: async () => undefined }
})
