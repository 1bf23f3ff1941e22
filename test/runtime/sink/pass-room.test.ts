import { makePassRoom } from '../../../runtime/sink/snapshot/pass-room.js'

test('tasks render their buckets beside one another as far as they fit; what is larger than the room is rendered alone', () => {
  const room = makePassRoom(100)
  const first = room.take(60)!
  expect(room.take(50)).toBeNull()
  const second = room.take(40)!
  expect(room.take(1)).toBeNull()
  first()
  second()
  const large = room.take(500)!
  expect(room.take(1)).toBeNull()
  large()
  expect(room.take(100)).not.toBeNull()
})
