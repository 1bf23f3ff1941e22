import { topicName, topics } from '../schemas/topics.js'
import { command } from './command.js'

export const topologyCommand = command({
  name: 'topology',
  about: 'The picture of all topics and what stands between them.',
  arguments: {},
  flags: {},
  json: true,
  examples: [
    ['topology', 'the picture'],
    ['topology --json', 'the topics with their names in Kafka'],
  ],
  async run(app) {
    const { describeTopology } = await import('../topology.js')
    const config = app.config()
    const naming = { prefix: config.topicPrefix, generation: config.generation }
    const list = Object.values(topics).map(topic => ({ ...topic, name: topicName(topic.id, naming) }))
    app.output.result({ topics: list }, () => describeTopology(naming).trimEnd())
    return 0
  },
})
