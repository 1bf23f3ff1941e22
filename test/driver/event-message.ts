/** The body of a message as a bucket's notifications write it: one record per key. */
export function eventMessage(bucket: string, keys: readonly string[], eventName = 'ObjectCreated:Put'): string {
  const Records = keys.map(key => ({
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'us-east-1',
    eventTime: '2025-02-03T04:05:06.789Z',
    eventName,
    s3: { s3SchemaVersion: '1.0', bucket: { name: bucket }, object: { key: encodeURIComponent(key).replaceAll('%20', '+'), size: 1 } },
  }))
  return JSON.stringify({ Records })
}

/** What a bucket sends when notifications are set up. */
export const testMessage = (bucket: string) => JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: bucket })

/** The same in the envelope of a topic. */
export const enveloped = (message: string) =>
  JSON.stringify({ Type: 'Notification', TopicArn: 'arn:aws:sns:us-east-1:1:t', Message: message })
