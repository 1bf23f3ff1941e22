import { CreateMultipartUploadCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3'
import type { S3Address } from '../../runtime/addresses.js'
import { systemClock } from '../../runtime/clock.js'
import { s3Store } from '../../runtime/s3/s3-store.js'
import { objectStoreContract } from './object-store.js'

/** What every S3 server has to do for Tributary; its address is asked for when the tests run. */
export function s3StoreContract(name: string, address: () => S3Address): void {
  objectStoreContract(
    name,
    () => s3Store(address(), systemClock),
    async (_, bucket, key) => {
      const { endpoint, region, accessKeyId, secretAccessKey } = address()
      const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } })
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }))
      await client.send(new UploadPartCommand({ Bucket: bucket, Key: key, UploadId: UploadId!, PartNumber: 1, Body: Buffer.from('part') }))
      client.destroy()
    },
  )
}
