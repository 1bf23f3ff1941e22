"""What a lag tool sees, by the admin client of confluent-kafka: brokers, groups -> a line of JSON for each offset."""

import json
import sys

from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka.admin import AdminClient

brokers, *groups = sys.argv[1:]
admin = AdminClient({"bootstrap.servers": brokers})
for group in groups:
    (answer,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)], request_timeout=30).values()
    for place in answer.result().topic_partitions:
        seen = {"group": group, "topic": place.topic, "partition": place.partition, "offset": place.offset}
        print(json.dumps(seen))
