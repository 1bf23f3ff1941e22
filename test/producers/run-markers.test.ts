import { runMarkers } from '../../producers/run-markers.js'
import { parseMarker } from '../../schemas/marker.js'

test('markers go to every partition', () => {
  const markers = runMarkers('r', 'sealed', 3)
  expect(markers.map(each => parseMarker(each.value))).toEqual([0, 1, 2].map(partition => ({ kind: 'sealed', run: 'r', partition })))
  expect(markers.map(each => each.partition)).toEqual([0, 1, 2])
  expect(markers[0]!.headers).toEqual([['marker', 'sealed']])
})
