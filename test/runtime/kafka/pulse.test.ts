import { Pulse } from '../../../runtime/kafka/pulse.js'

beforeEach(() => void import.meta.jest.useFakeTimers())
afterEach(() => void import.meta.jest.useRealTimers())

test('beats soon after it is quickened, then slower and slower down to its usual pace, until it is stopped', () => {
  const began = Date.now()
  const beats: number[] = []
  const pulse = new Pulse(1_000, () => void beats.push(Date.now() - began))
  import.meta.jest.advanceTimersByTime(5_000)
  expect(beats.splice(0)).toEqual([])
  pulse.quicken()
  import.meta.jest.advanceTimersByTime(3_600)
  expect(beats.splice(0)).toEqual([5_100, 5_300, 5_700, 6_500, 7_500, 8_500])
  pulse.quicken()
  import.meta.jest.advanceTimersByTime(400)
  expect(beats.splice(0)).toEqual([8_700, 8_900])
  pulse.stop()
  pulse.quicken()
  import.meta.jest.advanceTimersByTime(5_000)
  expect(beats).toEqual([])
})

test('is never slower than its usual pace', () => {
  const beats: number[] = []
  const began = Date.now()
  const pulse = new Pulse(30, () => void beats.push(Date.now() - began))
  pulse.quicken()
  import.meta.jest.advanceTimersByTime(100)
  expect(beats).toEqual([30, 60, 90])
  pulse.stop()
})
