import type { EventQueue, QueueMessage } from '../../runtime/event-queue.js'
import type { MemoryQueue } from '../../runtime/memory/memory-queue.js'

/** What every queue promises, whichever it is. */
export function eventQueueContract(
  name: string,
  open: () => Promise<{ queue: EventQueue; inside: MemoryQueue; close(): Promise<void> }>,
): void {
  describe(`event queue: ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    const never = new AbortController().signal
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.close())

    /** Until so many have come: a receive may bring some of them only. */
    async function receive(wanted: number, hiddenSeconds: number): Promise<QueueMessage[]> {
      const got: QueueMessage[] = []
      while (got.length < wanted) got.push(...(await opened.queue.receive(hiddenSeconds, never)))
      return got
    }

    test('a message comes with its body, is hidden meanwhile, and is gone when it was deleted', async () => {
      const { queue, inside } = opened
      const bodies = ['{"a":"é"}', 'two', ...Array.from({ length: 12 }, (_, i) => `more ${i}`)]
      for (const body of bodies) inside.send(body)
      const got = await receive(bodies.length, 30)
      expect(got.map(({ body }) => body).sort()).toEqual([...bodies].sort())
      expect(new Set(got.map(({ id }) => id)).size).toBe(bodies.length)
      for (const message of got) await queue.delete(message)
      expect(inside.bodies).toEqual([])
    })

    test('what is not deleted comes again, under another receipt, and at once when it is shown again', async () => {
      const { queue, inside } = opened
      inside.send('again')
      const [first] = await receive(1, 1)
      const [second] = await receive(1, 600)
      expect(second!.id).toBe(first!.id)
      expect(second!.receipt).not.toBe(first!.receipt)
      // An old receipt does nothing.
      await queue.hide(first!, 0)
      await queue.delete(first!)
      expect(inside.bodies).toEqual(['again'])
      await queue.hide(second!, 0)
      const [third] = await receive(1, 600)
      expect(third!.body).toBe('again')
    })

    test('a message that is hidden longer does not come in between', async () => {
      const { queue, inside } = opened
      inside.send('long')
      const [message] = await receive(1, 1)
      await queue.hide(message!, 600)
      inside.send('other')
      const [next] = await receive(1, 1)
      expect(next!.body).toBe('other')
      expect((await receive(1, 600))[0]!.body).toBe('other')
    })

    test('waiting for a message ends with the message, or when it is stopped', async () => {
      const { queue, inside } = opened
      const waiting = receive(1, 30)
      inside.send('late')
      expect((await waiting)[0]!.body).toBe('late')
      const stop = new AbortController()
      const stopped = queue.receive(30, stop.signal)
      stop.abort()
      expect(await stopped).toEqual([])
      expect(await queue.receive(30, stop.signal)).toEqual([])
    })
  })
}
