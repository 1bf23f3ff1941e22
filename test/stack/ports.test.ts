import { createServer } from 'node:net'
import { choosePorts, isFree, portCandidates } from '../../stack/ports.js'

const free = async (): Promise<boolean> => true

test('candidates are fixed by the data folder and stay in their range', () => {
  const some = (seed: string): number[] => [...portCandidates(seed)].slice(0, 5)
  expect(some('/a/.tributary')).toEqual(some('/a/.tributary'))
  expect(some('/a/.tributary')).not.toEqual(some('/b/.tributary'))
  const all = [...portCandidates('/a')]
  expect(new Set(all).size).toBe(10_000)
  expect([Math.min(...all), Math.max(...all)]).toEqual([20_000, 29_999])
})

test('remembered ports are kept', async () => {
  const chosen = await choosePorts(['client', 'controller'], {
    remembered: { client: 31_000, controller: 31_001 },
    taken: new Set(),
    seed: 'x',
    isFree: free,
  })
  expect(chosen).toEqual({ client: 31_000, controller: 31_001 })
})

test('a port that a stranger took, or another part got, is replaced', async () => {
  const taken = new Set([31_001])
  const chosen = await choosePorts(['client', 'controller'], {
    remembered: { client: 31_000, controller: 31_001 },
    taken,
    seed: 'x',
    isFree: async port => port !== 31_000,
  })
  const [first, second] = portCandidates('x')
  expect(chosen).toEqual({ client: first, controller: second })
  expect([...taken]).toEqual([31_001, 31_000, first, second])
})

test('no free port at all is an error, not an endless search', async () => {
  await expect(choosePorts(['client'], { remembered: {}, taken: new Set(), seed: 'x', isFree: async () => false })).rejects.toThrow(
    'no free port',
  )
})

test('the system is asked whether a port is free', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  expect(await isFree(port)).toBe(false)
  await new Promise(resolve => server.close(resolve))
  expect(await isFree(port)).toBe(true)
})
