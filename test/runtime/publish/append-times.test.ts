import { AppendTimes } from '../../../runtime/publish/append-times.js'

const second = 1_000
const at = (seconds: number) => 1_000_000 + seconds * second

test('without an end that was asked for, the last record below is all that is known', () => {
  const times = new AppendTimes()
  expect(times.through(0, 10, at(0), null)).toBe(at(0))
  expect(times.through(0, 0, 0, null)).toBe(0)
})

test('a partition that has reached an end is through the time of the record seen before it was asked for, less what clocks differ', () => {
  const times = new AppendTimes()
  times.asked(0, at(60), 10)
  expect(times.through(0, 10, at(0), null)).toBe(at(59))
  expect(times.through(1, 10, at(0), null)).toBe(at(0))
  // What lies behind an end came later.
  times.asked(0, at(90), 12)
  expect(times.through(0, 10, at(0), null)).toBe(at(59))
  expect(times.through(0, 11, at(70), null)).toBe(at(70))
  expect(times.through(0, 12, at(71), null)).toBe(at(89))
})

test('offsets of markers and aborted records say nothing about times', () => {
  const times = new AppendTimes()
  times.asked(0, at(60), 10)
  expect(times.through(0, 10, at(0), null)).toBe(at(59))
  expect(times.through(0, 13, at(0), null)).toBe(at(59))
  times.asked(0, at(61), 10)
  expect(times.through(0, 13, at(0), null)).toBe(at(60))
})

test('a later record with an earlier time takes back what is not true, and only that', () => {
  const times = new AppendTimes()
  times.asked(0, at(60), 10)
  times.asked(0, at(3600), 11)
  expect(times.through(0, 11, at(3590), null)).toBe(at(3599))
  // The clock of the broker was an hour ahead.
  expect(times.through(0, 12, at(80), null)).toBe(at(80))
  expect(times.through(0, 12, at(80), null)).toBe(at(80))
  expect(times.through(0, 10, at(0), null)).toBe(at(59))
})

test('what was published holds for the next publisher, until the log shows otherwise', () => {
  const published = { end: 10, time: at(60), received: at(0) }
  expect(new AppendTimes().through(0, 10, at(0), published)).toBe(at(60))
  expect(new AppendTimes().through(0, 12, at(0), published)).toBe(at(60))
  expect(new AppendTimes().through(0, 12, at(61), published)).toBe(at(61))
  expect(new AppendTimes().through(0, 12, at(50), published)).toBe(at(50))
  // Of a dataset that is built again, and has not come as far.
  expect(new AppendTimes().through(0, 9, at(-5), published)).toBe(at(-5))
})

test('forgets the oldest of many ends, never the newest', () => {
  const times = new AppendTimes()
  for (let end = 1; end <= 1000; end++) times.asked(0, at(end), end)
  expect(times.through(0, 1000, 0, null)).toBe(at(999))
  expect(times.through(0, 1, at(1), null)).toBe(at(1))
})
