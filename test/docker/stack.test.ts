import { projectOf } from '../../stack/docker/names.js'
import { stackContract } from '../contracts/stack.js'
import { runProgram } from './composed.js'

const docker = async (...args: string[]) => {
  const { code, stdout, all } = await runProgram('docker', args, process.env)
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${all}`)
  return stdout.split('\n').filter(Boolean)
}

let ofMine: string

stackContract('docker', {
  async kill({ container }) {
    ofMine = container!.replace(/-\w+$/, '')
    await docker('kill', container!)
  },
  left: async () => docker('ps', '-aq', '--filter', `name=${ofMine}`),
})

afterAll(async () => {
  const volumes = await docker('volume', 'ls', '-q', '--filter', `name=${ofMine}`)
  expect(volumes.sort()).toEqual(['kafka', 'registry', 's3'].map(name => `${ofMine}-${name}`))
  await docker('volume', 'rm', ...volumes)
})

test('what an earlier stack of this folder was called is found by its folder alone', () => {
  expect(projectOf('/a/.tributary')).not.toBe(projectOf('/b/.tributary'))
})
