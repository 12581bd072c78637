package io.multisqs.benchmarks.peers;

import java.net.URI;
import java.util.List;

/**
 * What a consumer is asked to do.
 *
 * @param endpoint of the server
 * @param queues to listen to, by name, the more urgent the later; they exist
 * @param concurrency handlers at once, for each queue where a consumer knows no other way
 * @param handler to call for each message
 */
public record Setup(URI endpoint, List<String> queues, int concurrency, MessageHandler handler) {
  String url(int lane) {
    return endpoint + "/000000000000/" + queues.get(lane);
  }
}
