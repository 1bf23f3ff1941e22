import { memorySeenStore } from '../../runtime/memory/memory-seen-store.js'
import { seenStoreContract } from './seen-store.js'

seenStoreContract('memory', memorySeenStore)
