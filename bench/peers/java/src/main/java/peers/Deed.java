package peers;

/** What the job needs of one activity; also a Flink POJO. */
public final class Deed {
    public String rep;
    public String team;
    public int kind;
    public long atMs;
    public long cents;
}
