import { createHash, createHmac } from 'node:crypto'
import type { Credentials } from './state.js'

/** Headers of a signed `GET /` (ListBuckets): enough to learn whether the store is ours, without loading a whole S3 client. */
export function signListBuckets(host: string, region: string, credentials: Credentials, now: Date): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`
  const payload = sha256('')
  const signed = 'host;x-amz-content-sha256;x-amz-date'
  const canonical = `GET\n/\n\nhost:${host}\nx-amz-content-sha256:${payload}\nx-amz-date:${time}\n\n${signed}\n${payload}`
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`
  const key = scope.split('/').reduce<string | Buffer>((k, word) => hmac(k, word), `AWS4${credentials.secretAccessKey}`)
  return {
    host,
    'x-amz-content-sha256': payload,
    'x-amz-date': time,
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${hmac(key, text).toString('hex')}`,
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
