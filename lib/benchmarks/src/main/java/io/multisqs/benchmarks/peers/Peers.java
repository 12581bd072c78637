package io.multisqs.benchmarks.peers;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Every consumer, by its name on the command line and in the tables. */
public final class Peers {
  private static final Map<String, Function<Setup, Consumer>> ALL = new LinkedHashMap<>();

  static {
    ALL.put("multisqs", MultiSqsPeer::defaults);
    ALL.put("multisqs-tuned", MultiSqsPeer::tuned);
    ALL.put("multisqs-no-hold", MultiSqsPeer::withoutHold);
    ALL.put("multisqs-virtual", MultiSqsPeer::virtualThreads);
    for (Http http : Http.values()) {
      if (http != Http.NETTY) {
        ALL.put("multisqs-" + http.label, setup -> MultiSqsPeer.on(setup, http));
        ALL.put("raw-" + http.label, setup -> new RawLoop(setup, http));
        ALL.put("raw-pool-" + http.label, setup -> RawPool.platformThreads(setup, http));
      }
    }
    ALL.put("raw-async-netty", setup -> new RawAsync(setup, Http.NETTY));
    ALL.put("raw-async-crt", setup -> new RawAsync(setup, Http.CRT));
    ALL.put("raw-pool-virtual", RawPool::virtualThreads);
    ALL.put("raw-strict", RawStrict::new);
    ALL.put("spring", SpringPeer::defaults);
    ALL.put("spring-tuned", SpringPeer::tuned);
    ALL.put("spring-prefetch", SpringPeer::prefetching);
    ALL.put("dynamic-batching", DynamicPeer::batching);
    ALL.put("dynamic-prefetching", DynamicPeer::prefetching);
    ALL.put("dynamic-tuned", DynamicPeer::tuned);
    ALL.put("jms", JmsPeer::new);
    ALL.put("batch-manager", BatchManagerPeer::new);
  }

  private Peers() {}

  /** The names, in the order of the tables. */
  public static Set<String> names() {
    return ALL.keySet();
  }

  /**
   * Starts a consumer.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Consumer start(String name, Setup setup) {
    Function<Setup, Consumer> start = ALL.get(name);
    if (start == null) {
      throw new IllegalArgumentException("no consumer " + name + "; there are " + ALL.keySet());
    }
    return start.apply(setup);
  }
}
