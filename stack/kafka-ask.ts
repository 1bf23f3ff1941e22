import { connect } from 'node:net'

/** What the broker says of its cluster; a broker that is still starting lists no brokers. */
export interface ClusterAnswer {
  readonly clusterId: string
  readonly brokers: number
}

const describeCluster = 60
const correlation = 1

/** DescribeCluster version 0, with its length in front. Kafka's client is not used: this is asked many times a second while a broker starts. */
export function encodeDescribeCluster(): Buffer {
  const name = Buffer.from('tributary-stack')
  const frame = Buffer.alloc(4 + 8 + 2 + name.length + 1 + 2)
  let at = frame.writeInt32BE(frame.length - 4, 0)
  at = frame.writeInt16BE(describeCluster, at)
  at = frame.writeInt16BE(0, at)
  at = frame.writeInt32BE(correlation, at)
  at = frame.writeInt16BE(name.length, at)
  name.copy(frame, at)
  // Left zero: header tags, "include authorized operations", body tags.
  return frame
}

/** The body after the length; null when it is an error or no answer to our question. */
export function decodeDescribeCluster(body: Buffer): ClusterAnswer | null {
  const errorAt = 4 + 1 + 4
  if (body.length < errorAt + 2 || body.readInt32BE(0) !== correlation || body.readInt16BE(errorAt) !== 0) return null
  let at = errorAt + 2
  const number = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = body.readUInt8(at++)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const text = (): string => {
    const length = Math.max(0, number() - 1)
    at += length
    return body.toString('utf8', at - length, at)
  }
  text()
  const clusterId = text()
  at += 4
  return { clusterId, brokers: Math.max(0, number() - 1) }
}

/** Null when nobody answers in time, or not in Kafka's protocol. */
export function askKafka(port: number, withinMs: number): Promise<ClusterAnswer | null> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port, timeout: withinMs })
    let received = Buffer.alloc(0)
    const end = (answer: ClusterAnswer | null): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', () => socket.write(encodeDescribeCluster()))
    socket.on('timeout', () => end(null))
    socket.on('error', () => end(null))
    socket.on('close', () => resolve(null))
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk])
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return
      end(read(received.subarray(4)))
    })
  })
}

function read(body: Buffer): ClusterAnswer | null {
  try {
    return decodeDescribeCluster(body)
  } catch {
    return null
  }
}
