import { playedSpans } from '../../../processors/fold/played-segments.js'
import type { Scalar } from '../../../schemas/event.js'

const day = 86_400_000

test.each<[Scalar, Scalar, number[][]]>([
  [
    '0[.]12.3[,]20[.]30',
    60.5,
    [
      [0, 12_300],
      [20_000, 30_000],
    ],
  ],
  ['0[.]0.0004', 60, []],
  ['1.0005[.]1.0015', 60, [[1001, 1002]]],
  // Reversed, unfinished, no numbers, three of them.
  ['30[.]20', 60, []],
  ['5[.]5', 60, []],
  ['20[.]', 60, []],
  ['[.]20', 60, []],
  ['NaN[.]5[,]1[.]Infinity[,]0x1[.]0x9[,]1_0[.]2_0[,]a[.]b[,]1[.]2[.]3', 60, []],
  ['', 60, []],
  ['[,][,]', 60, []],
  ['7', 60, []],
  ['1[,]2[.]3', 60, [[2000, 3000]]],
  [' 1 [.] 2 [,]', 60, [[1000, 2000]]],
  ['1e0[.]2E+1', 60, [[1000, 20_000]]],
  // Before the beginning and beyond the end.
  ['-5[.]5', 60, [[0, 5000]]],
  ['-5[.]-1', 60, []],
  ['50[.]70', 60.5, [[50_000, 60_500]]],
  ['61[.]70', 60, []],
  ['1[.]1e400', 60, [[1000, 60_000]]],
  // The length is not to be believed either.
  ['1[.]1e400', null, [[1000, day]]],
  ['1[.]1e400', 0, [[1000, day]]],
  ['1[.]1e400', -3, [[1000, day]]],
  ['1[.]1e400', 1e300, [[1000, day]]],
  ['1[.]1e400', 'long', [[1000, day]]],
  ['1[.]1e400', '2.5', [[1000, 2500]]],
  // No text.
  [null, 60, []],
  [12, 60, []],
])('%j of a video of %j s', (segments, length, spans) => {
  expect(playedSpans(segments, length)).toEqual(spans)
})

test('of a huge list the first 1000 segments count', () => {
  const huge = Array.from({ length: 300_000 }, (_, i) => `${i}[.]${i + 0.5}`).join('[,]')
  const spans = playedSpans(huge, null)
  expect([spans.length, spans.at(-1)]).toEqual([1000, [999_000, 999_500]])
  expect(playedSpans('[,]'.repeat(1e6), null)).toEqual([])
  expect(playedSpans('9'.repeat(1e6), null)).toEqual([])
})
