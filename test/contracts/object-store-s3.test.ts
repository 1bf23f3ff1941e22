import { systemClock } from '../../runtime/clock.js'
import { s3Store } from '../../runtime/s3/s3-store.js'
import { objectStoreContract } from './object-store.js'

const given = process.env.TRIBUTARY_TEST_S3
if (given === undefined) throw new Error('TRIBUTARY_TEST_S3 is not set: `npm run test:contract` starts a server and sets it')
objectStoreContract('S3', () => s3Store(JSON.parse(given), systemClock))
