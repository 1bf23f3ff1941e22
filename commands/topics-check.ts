import { command } from './command.js'
import { count } from './terminal/format.js'
import { table } from './terminal/table.js'
import { withServices } from './with-services.js'

export const topicsCheck = command({
  name: 'topics check',
  about: 'Compares the topics in Kafka with what Tributary needs. Changes nothing.',
  arguments: {},
  flags: {},
  json: true,
  examples: [['topics check', 'exit code 1 when a topic is missing or not as it must be']],
  async run(app) {
    const { allTopicNames, checkTopics } = await import('../runtime/topics-admin.js')
    return withServices(app, async services => {
      const findings = await checkTopics(services)
      const names = allTopicNames(services.naming)
      app.output.result({ ok: findings.length === 0, topics: names, findings }, columns =>
        findings.length === 0
          ? `${count(names.length, 'topic')}, all as needed`
          : table(
              ['topic', 'problem'],
              findings.map(finding => [finding.topic, finding.problem]),
              columns,
            ),
      )
      if (findings.some(finding => finding.missing)) app.output.note('`tributary topics create` makes the missing ones')
      if (findings.some(finding => finding.setting !== null))
        app.output.note(
          '`tributary topics apply` sets what is not as it should be; what only should be costs time, and keeps nothing from starting',
        )
      return findings.length === 0 ? 0 : 1
    })
  },
})
