import type { TopicSettings } from '../log.js'
import type { ByteReader } from './byte-reader.js'
import { type WireRequest, wireVersions } from './wire-request.js'

/** kafkajs's admin client asks for the metadata of all topics first, and fails while a single partition of any of them has no leader. */
export interface TopicAnswer {
  readonly topic: string
  readonly error: number
  /** What the broker says besides the code. */
  readonly why: string | null
}

export interface DescribedTopic extends TopicAnswer {
  readonly config: Readonly<Record<string, string>>
}

const topicResource = 2
/** How long the controller may take. */
const controllerMs = 30_000

export function describeConfigsRequest(topics: readonly string[]): WireRequest<readonly DescribedTopic[]> {
  return {
    ...wireVersions.describeConfigs,
    encode: out => {
      // All configs of each: a null array of names.
      out.compactArray(topics, name => out.i8(topicResource).compactString(name).uvarint(0).tags())
      // Neither synonyms nor documentation.
      out.i8(0).i8(0).tags()
    },
    decode: from => {
      from.i32()
      return from.compactArray(() => {
        const answer = answerOf(from)
        const configs = from.compactArray(() => {
          const entry = [from.compactString() ?? '', from.compactString() ?? ''] as const
          for (const _ of ['readOnly', 'source', 'isSensitive']) from.i8()
          from.compactArray(() => {
            from.compactString()
            from.compactString()
            from.i8()
            from.tags()
          })
          from.i8()
          from.compactString()
          from.tags()
          return entry
        })
        from.tags()
        return { ...answer, config: Object.fromEntries(configs) }
      })
    },
  }
}

/** What answers about the configs of a topic begin with. */
function answerOf(from: ByteReader): TopicAnswer {
  const error = from.i16()
  const why = from.compactString()
  from.i8()
  return { topic: from.compactString() ?? '', error, why }
}

const setOperation = 0

export function configureTopicsRequest(
  topics: readonly (readonly [name: string, config: Readonly<Record<string, string>>])[],
): WireRequest<readonly TopicAnswer[]> {
  return {
    ...wireVersions.incrementalAlterConfigs,
    timeoutMs: controllerMs + 5_000,
    encode: out => {
      out.compactArray(topics, ([name, config]) => {
        out.i8(topicResource).compactString(name)
        out.compactArray(Object.entries(config), ([key, value]) => out.compactString(key).i8(setOperation).compactString(value).tags())
        out.tags()
      })
      out.i8(0).tags()
    },
    decode: from => {
      from.i32()
      return from.compactArray(() => {
        const answer = answerOf(from)
        from.tags()
        return answer
      })
    },
  }
}

export function createTopicsRequest(topics: readonly TopicSettings[]): WireRequest<readonly TopicAnswer[]> {
  return {
    ...wireVersions.createTopics,
    timeoutMs: controllerMs + 5_000,
    encode: out => {
      out.compactArray(topics, ({ name, partitions, replication, config }) => {
        out.compactString(name).i32(partitions).i16(replication)
        out.compactArray([], () => undefined)
        out.compactArray(Object.entries(config), ([key, value]) => out.compactString(key).compactString(value).tags())
        out.tags()
      })
      out.i32(controllerMs).i8(0).tags()
    },
    decode: from => {
      from.i32()
      return from.compactArray(() => {
        const topic = from.compactString() ?? ''
        const error = from.i16()
        const why = from.compactString()
        from.i32()
        from.i16()
        from.compactArray(() => {
          from.compactString()
          from.compactString()
          for (const _ of ['readOnly', 'source', 'isSensitive']) from.i8()
          from.tags()
        })
        from.tags()
        return { topic, error, why }
      })
    },
  }
}

export function deleteTopicsRequest(topics: readonly string[]): WireRequest<readonly TopicAnswer[]> {
  return {
    ...wireVersions.deleteTopics,
    timeoutMs: controllerMs + 5_000,
    encode: out => {
      out.compactArray(topics, name => out.compactString(name))
      out.i32(controllerMs).tags()
    },
    decode: from => {
      from.i32()
      return from.compactArray(() => {
        const topic = from.compactString() ?? ''
        const error = from.i16()
        const why = from.compactString()
        from.tags()
        return { topic, error, why }
      })
    },
  }
}
