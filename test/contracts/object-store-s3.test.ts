import { CreateMultipartUploadCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3'
import type { S3Address } from '../../runtime/addresses.js'
import { systemClock } from '../../runtime/clock.js'
import { s3Store } from '../../runtime/s3/s3-store.js'
import { objectStoreContract } from './object-store.js'

const given = process.env.TRIBUTARY_TEST_S3
if (given === undefined) throw new Error('TRIBUTARY_TEST_S3 is not set: `npm run test:contract` starts a server and sets it')
const { endpoint, region, accessKeyId, secretAccessKey } = JSON.parse(given) as S3Address
const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } })
afterAll(() => client.destroy())

objectStoreContract(
  'S3',
  () => s3Store(JSON.parse(given), systemClock),
  async (_, bucket, key) => {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }))
    await client.send(new UploadPartCommand({ Bucket: bucket, Key: key, UploadId: UploadId!, PartNumber: 1, Body: Buffer.from('part') }))
  },
)
