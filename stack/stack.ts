/** A local Kafka, schema registry and object store for everyone without them: processes, or containers where an engine is. */
export { type Preflight, preflight } from './preflight.js'
export type { Environment, PartName, Profile, Services, StackEvents, StackKind, StackOptions } from './services.js'
export { type EndedPart, restartEnded, stackToStart, startStack } from './start.js'
export { endedParts, type PartStatus, readObjectStore, readServices, type StackStatus, stackStatus } from './status.js'
export { type Stopped, stopStack } from './stop.js'
