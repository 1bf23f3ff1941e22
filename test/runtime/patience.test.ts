import { systemClock } from '../../runtime/clock.js'
import { withPatience } from '../../runtime/patience.js'

const never = new Promise<void>(() => undefined)
const soon = (ms: number) => systemClock.sleep(ms)

test('work that ends is waited for, however long it takes, as long as nobody has said stop', async () => {
  expect(await withPatience(soon(50), new AbortController().signal, 1, systemClock)).toBe(true)
})

test('after the signal it may take so long and no longer', async () => {
  expect(await withPatience(soon(20), AbortSignal.abort(), 10_000, systemClock)).toBe(true)
  expect(await withPatience(never, AbortSignal.abort(), 10, systemClock)).toBe(false)
  const stop = new AbortController()
  const waiting = withPatience(never, stop.signal, 10, systemClock)
  await soon(30)
  stop.abort()
  expect(await waiting).toBe(false)
})

test('what the work throws is thrown, before and after the signal', async () => {
  await expect(withPatience(Promise.reject(new Error('broken')), new AbortController().signal, 10, systemClock)).rejects.toThrow('broken')
  await expect(withPatience(Promise.reject(new Error('broken')), AbortSignal.abort(), 10, systemClock)).rejects.toThrow('broken')
})
