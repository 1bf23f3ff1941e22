import { availableParallelism, loadavg } from 'node:os'

/**
 * How many times longer than on a quiet machine work may take now: processes that want to run, for each core; at least 1.
 * A deadline is there to end a wait for what never comes. Multiplied by this it does not also fail because of another build beside.
 */
export const slowdown = () => Math.max(1, loadavg()[0]! / availableParallelism())
