import { s3StoreContract } from './object-store-s3.js'

const given = process.env.TRIBUTARY_TEST_S3
if (given === undefined) throw new Error('TRIBUTARY_TEST_S3 is not set: `npm run test:contract` starts a server and sets it')

s3StoreContract('S3', () => JSON.parse(given))
