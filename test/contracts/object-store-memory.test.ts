import { memoryStore } from '../../runtime/memory/memory-store.js'
import { objectStoreContract } from './object-store.js'

objectStoreContract(
  'memory',
  () => memoryStore(() => Date.now()),
  async (store, bucket, key) => store.leaveUpload(bucket, key),
)
