import { patient, type S3Problem } from '../../../runtime/s3/patient.js'

/** A clock that jumps, and a server that answers with these statuses, one after the other, and then well; 0 = not at all. */
function server(statuses: readonly number[], deadlineMs = 1000) {
  let now = 0
  const waits: number[] = []
  const sleep = async (ms: number) => {
    now += ms
    waits.push(ms)
  }
  const left = [...statuses]
  const call = async () => {
    const status = left.shift()
    if (status === undefined) return 'done'
    const problem: S3Problem = status === 0 ? { name: 'TimeoutError' } : { name: 'Problem', $metadata: { httpStatusCode: status } }
    throw problem
  }
  const ask = patient({ now: () => 0, monotonic: () => now, sleep, uuid: () => '' }, deadlineMs)
  return { waits, ask: (absent?: readonly number[]) => ask('writing it', call, absent) }
}

test('asks again after no answer, a conflict, throttling and the trouble of a server, waiting longer each time', async () => {
  const { ask, waits } = server([0, 409, 429, 503])
  expect(await ask()).toBe('done')
  expect(waits).toEqual([50, 100, 200, 400])
})

test('a condition that does not hold is an answer, also when it comes after an answer that got lost', async () => {
  expect(await server([412]).ask([412])).toBeNull()
  expect(await server([0, 412]).ask([412])).toBeNull()
})

test('what will not pass is refused at once', async () => {
  const { ask, waits } = server([403])
  await expect(ask()).rejects.toMatchObject({ code: 'S3_REFUSED', message: expect.stringContaining('writing it: Problem (HTTP 403)') })
  expect(waits).toEqual([])
})

test('at the deadline it gives up', async () => {
  const { ask } = server(Array.from({ length: 20 }, () => 503))
  await expect(ask()).rejects.toMatchObject({ code: 'S3_UNREACHABLE', retry: true })
})
