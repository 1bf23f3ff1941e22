import { type JsonObject, objectOf, parseObject } from '../schemas/json-value.js'

/** An object that somebody says was created. What is there now has to be asked. */
export interface CreatedObject {
  readonly bucket: string
  readonly key: string
}

/**
 * What a message of a bucket's event notifications says. `test`: the bucket tries out its notifications. `created` may be empty: events of
 * other kinds (removed, restored, …) name nothing that can be read.
 */
export type ObjectEvent =
  | { readonly is: 'created'; readonly objects: readonly CreatedObject[] }
  | { readonly is: 'test' }
  | { readonly is: 'unreadable'; readonly reason: string }

const unreadable = (reason: string): ObjectEvent => ({ is: 'unreadable', reason })

/** The body of a message: an event notification as S3 sends it, or the same in the envelope of a topic (SNS). */
export function readObjectEvent(body: string): ObjectEvent {
  const message = parseObject(body)
  if (message === undefined) return unreadable('no JSON object')
  if (message.Type !== 'Notification' || typeof message.Message !== 'string') return readNotification(message)
  const inner = parseObject(message.Message)
  return inner === undefined ? unreadable('the message in the envelope is no JSON object') : readNotification(inner)
}

function readNotification(message: JsonObject): ObjectEvent {
  if (message.Event === 's3:TestEvent') return { is: 'test' }
  if (!Array.isArray(message.Records)) return unreadable('neither records nor a test event')
  const objects: CreatedObject[] = []
  for (const record of message.Records as unknown[]) {
    const { eventName, s3 } = objectOf(record)
    if (typeof eventName !== 'string') return unreadable('a record without eventName')
    // MinIO writes `s3:` before the name.
    if (!/^(s3:)?ObjectCreated:/.test(eventName)) continue
    const bucket = objectOf(objectOf(s3).bucket).name
    const written = objectOf(objectOf(s3).object).key
    const key = typeof written === 'string' ? decodedKey(written) : null
    if (typeof bucket !== 'string' || key === null) return unreadable(`${eventName} without a bucket and a key that can be decoded`)
    objects.push({ bucket, key })
  }
  return { is: 'created', objects }
}

/** As a form encodes it: `+` is a space, everything else by `%` and its bytes in UTF-8. */
function decodedKey(written: string): string | null {
  try {
    return decodeURIComponent(written.replaceAll('+', ' '))
  } catch {
    return null
  }
}
