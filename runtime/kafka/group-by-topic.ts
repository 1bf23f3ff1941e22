/** Kafka's requests name each topic once. */
export function groupByTopic<Place extends { readonly topic: string }>(places: Iterable<Place>): [topic: string, places: Place[]][] {
  const byTopic = new Map<string, Place[]>()
  for (const place of places) {
    const same = byTopic.get(place.topic)
    if (same === undefined) byTopic.set(place.topic, [place])
    else same.push(place)
  }
  return [...byTopic]
}
