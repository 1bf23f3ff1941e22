import type { Bucket, FileRecord } from '../../schemas/dataset-files.js'
import type { DatasetTopicId } from '../../schemas/topics.js'
import type { Format } from '../../sinks/format.js'
import { pieceKey } from '../../sinks/naming.js'
import type { OutRecord } from '../log.js'
import type { Member } from './member.js'
import { fileOut } from './sink-records.js'
import type { Uploads } from './uploads.js'

/** Whose files they are. */
export interface FileOwner {
  readonly dataset: string
  readonly revision: number
  readonly format: Pick<Format, 'extension' | 'rules'>
  /** Fingerprint of the key of its pseudonyms; null = it has none. */
  readonly pseudonymKey: string | null
  readonly files: Map<number, FileRecord>
  /** Next unused file sequence. */
  sequence: number
}

/** A file that is uploaded and waits for the transaction that lists it. */
export interface Uploaded {
  readonly owner: FileOwner
  readonly sequence: number
  readonly record: FileRecord
}

export interface PieceTarget {
  readonly generation: number
  readonly partition: number
}

const iso = (micros: number) => new Date(Math.floor(micros / 1000)).toISOString()

/** Uploads all open pieces of these members. Nothing is listed yet: a crash after this leaves objects that no manifest names. */
export async function uploadPieces(members: readonly Member[], target: PieceTarget, uploads: Uploads): Promise<Uploaded[]> {
  const jobs: Promise<Uploaded>[] = []
  for (const member of members) {
    let sequence = member.sequence
    for (const [topic, pieces] of member.open)
      for (const piece of pieces) {
        const { body, sha256 } = piece.finish(member.renderer.tail)
        const record = {
          ...fileRecord(member, topic, target, body, sha256, { first: piece.firstOffset, last: piece.lastOffset }),
          rows: piece.rows,
          firstTime: iso(piece.firstAt),
          lastTime: iso(piece.lastAt),
          replaces: [],
          level: 0,
        }
        const uploaded = { owner: member, sequence: sequence++, record }
        jobs.push(uploads.create(record.key, body, sha256, member.format.contentType).then(() => uploaded))
      }
  }
  return Promise.all(jobs)
}

export function fileRecord(
  owner: FileOwner,
  topic: DatasetTopicId,
  target: PieceTarget,
  body: Buffer,
  sha256: string,
  offsets: { first: number; last: number },
  bucket?: Bucket,
) {
  const key = pieceKey({
    dataset: owner.dataset,
    generation: target.generation,
    revision: owner.revision,
    topic,
    partition: target.partition,
    firstOffset: offsets.first,
    lastOffset: offsets.last,
    ...(bucket && { bucket }),
    sha256,
    extension: owner.format.extension,
  })
  const madeBy = { rules: owner.format.rules, ...(owner.pseudonymKey !== null && { pseudonymKey: owner.pseudonymKey }) }
  return { topic, key, bytes: body.length, sha256, firstOffset: offsets.first, lastOffset: offsets.last, ...madeBy }
}

/** The records that list these files, and the tombstones of those they replace. */
export function listing(uploaded: readonly Uploaded[], partition: number): OutRecord[] {
  return uploaded.flatMap(({ owner, sequence, record }) => [
    fileOut(owner.dataset, owner.revision, partition, sequence, record),
    ...record.replaces.map(old => fileOut(owner.dataset, owner.revision, partition, old, null)),
  ])
}

/** After the commit only: what is listed now is so in memory too. */
export function settle(uploaded: readonly Uploaded[]): void {
  for (const { owner, sequence, record } of uploaded) {
    for (const old of record.replaces) owner.files.delete(old)
    owner.files.set(sequence, record)
    owner.sequence = Math.max(owner.sequence, sequence + 1)
  }
}
