package io.multisqs.testkit.internal;

import io.multisqs.testkit.Fault;
import io.multisqs.testkit.Faults;
import io.multisqs.testkit.Operation;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The faults that are ordered and have not struck. */
final class FaultPlan implements Faults {

  private static final class Order {
    final @Nullable String queue;
    final Operation operation;
    final Fault fault;
    int left;

    Order(@Nullable String queue, Operation operation, Fault fault, int left) {
      this.queue = queue;
      this.operation = operation;
      this.fault = fault;
      this.left = left;
    }

    boolean concerns(@Nullable String name) {
      return queue == null || queue.equals(name);
    }
  }

  private final Lock lock;
  private final List<Order> once; // guarded by lock
  private final List<Order> always; // guarded by lock
  private final @Nullable String queue;

  FaultPlan(Lock lock) {
    this(lock, new ArrayList<>(), new ArrayList<>(), null);
  }

  private FaultPlan(Lock lock, List<Order> once, List<Order> always, @Nullable String queue) {
    this.lock = lock;
    this.once = once;
    this.always = always;
    this.queue = queue;
  }

  /** The fault for a call that begins, if there is one that can strike now. */
  @Nullable Fault take(Operation operation, String name, Predicate<Fault> canStrike) {
    for (Iterator<Order> orders = once.iterator(); orders.hasNext(); ) {
      Order order = orders.next();
      if (order.operation == operation && order.concerns(name) && canStrike.test(order.fault)) {
        if (--order.left == 0) {
          orders.remove();
        }
        return order.fault;
      }
    }
    for (Order order : always) {
      if (order.operation == operation && order.concerns(name) && canStrike.test(order.fault)) {
        return order.fault;
      }
    }
    return null;
  }

  @Override
  public Faults on(String name) {
    return new FaultPlan(lock, once, always, name);
  }

  @Override
  public Faults next(Operation operation, int times, Fault fault) {
    if (times < 1) {
      throw new IllegalArgumentException("times must be 1 or more, was " + times);
    }
    checkSuits(operation, fault);
    return locked(
        () -> {
          once.add(new Order(queue, operation, fault, times));
          return this;
        });
  }

  @Override
  public Faults always(Operation operation, Fault fault) {
    checkSuits(operation, fault);
    return locked(
        () -> {
          always.add(new Order(queue, operation, fault, 0));
          return this;
        });
  }

  @Override
  public int pending() {
    return locked(() -> once.stream().filter(this::isMine).mapToInt(order -> order.left).sum());
  }

  @Override
  public void clear() {
    locked(
        () -> {
          once.removeIf(this::isMine);
          always.removeIf(this::isMine);
          return this;
        });
  }

  private boolean isMine(Order order) {
    return queue == null || queue.equals(order.queue);
  }

  private static void checkSuits(Operation operation, Fault fault) {
    if (!fault.suits(operation)) {
      throw new IllegalArgumentException("fault " + fault + " cannot strike " + operation);
    }
  }

  private <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }
}
