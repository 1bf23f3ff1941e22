import { type MemoryDisk, memoryDisk, memoryStateStore } from '../../runtime/memory/memory-state-store.js'
import { stateStoreContract } from './state-store.js'

let disk: MemoryDisk
stateStoreContract(
  'memory',
  () => {
    disk = memoryDisk()
    return memoryStateStore(disk)
  },
  () => memoryStateStore(disk),
)
