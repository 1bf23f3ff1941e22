import { makeWorld } from '../driver/real-world.js'
import { gcContract } from './gc.js'

gcContract('on Kafka and S3', env => makeWorld({ partitions: 2, env }))
