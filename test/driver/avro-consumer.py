"""A stock consumer, as the manual of confluent-kafka shows it: brokers, registry, topics -> a line of JSON for each record.

Values of a topic with a subject `<topic>-value` are Avro; of any other, the length is printed.
"""

import json
import sys

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

brokers, registry, *topics = sys.argv[1:]
client = SchemaRegistryClient({"url": registry})
subjects = set(client.get_subjects())
deserialize = AvroDeserializer(client)
consumer = Consumer(
    {
        "bootstrap.servers": brokers,
        "group.id": "nobody",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
    }
)
waiting = set()
for topic in topics:
    for partition in consumer.list_topics(topic, timeout=30).topics[topic].partitions:
        waiting.add((topic, partition))
consumer.assign([TopicPartition(topic, partition, 0) for topic, partition in waiting])
while waiting:
    message = consumer.poll(30)
    if message is None:
        sys.exit(f"nothing came for 30 s; not at its end: {sorted(waiting)}")
    if message.error():
        if message.error().name() != "_PARTITION_EOF":
            sys.exit(str(message.error()))
        waiting.discard((message.topic(), message.partition()))
        continue
    seen = {"topic": message.topic(), "partition": message.partition(), "offset": message.offset()}
    if f"{message.topic()}-value" not in subjects:
        print(json.dumps({**seen, "bytes": len(message.value() or b"")}))
        continue
    try:
        value = deserialize(message.value(), SerializationContext(message.topic(), MessageField.VALUE))
        print(json.dumps({**seen, "value": value}, default=str))
    except Exception as error:
        print(json.dumps({**seen, "error": f"{type(error).__name__}: {error}"}))
consumer.close()
