// cplusplus.cpp - the same library from C++17: put, get, scan
#include "mia/mia.h"

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace
{

// Failures become exceptions; true: done, false: there is none.
bool done(mia_status rc, const mia_error &err)
{
    if (rc < 0)
        throw std::runtime_error(err.message);
    return rc == MIA_OK;
}

// Texts are borrowed for the call that is given them.
mia_str str(std::string_view text)
{
    return {text.data(), text.size()};
}

std::string_view view(mia_str text)
{
    return {text.data, text.size};
}

void close(mia_store *store)
{
    mia_store_close(store, nullptr);
}

using Store = std::unique_ptr<mia_store, decltype(&close)>;
using Txn = std::unique_ptr<mia_txn, decltype(&mia_txn_abort)>;
using Scan = std::unique_ptr<mia_scan, decltype(&mia_scan_close)>;

Store open_store(const std::string &path)
{
    mia_error err;
    mia_store *store;
    done(mia_store_open(nullptr, path.c_str(), nullptr, &store, &err), err);
    return {store, &close};
}

void put_chat(mia_store *store, std::string_view id, std::string_view title)
{
    mia_error err;
    mia_record record{};
    record.kind = MIA_KIND_CHAT;
    record.u.chat = {};
    record.u.chat.id = str(id);
    record.u.chat.title = str(title);
    done(mia_store_put(store, &record, &err), err);
}

// A snapshot, which ends with the value that is returned.
Txn read(mia_store *store)
{
    mia_error err;
    mia_txn *txn;
    done(mia_store_begin(store, MIA_TXN_READ, &txn, &err), err);
    return {txn, &mia_txn_abort};
}

void print_title(mia_txn *txn, std::string_view id)
{
    mia_error err;
    mia_view chat;
    if (done(mia_get(txn, MIA_TABLE_NODES, str(id), &chat, &err), err))
        std::printf("%s: %s\n", std::string(id).c_str(),
                    std::string(view(mia_chat_title(chat))).c_str());
    else
        std::printf("%s: none\n", std::string(id).c_str());
}

void print_all(mia_txn *txn)
{
    mia_error err;
    mia_scan *opened;
    mia_str id;
    mia_view chat;
    done(mia_scan_open(txn, MIA_TABLE_NODES, str("chat_"), &opened, &err), err);
    Scan scan(opened, &mia_scan_close); // closed before its transaction ends
    while (done(mia_scan_next(scan.get(), &id, &chat, &err), err))
        std::printf("- %s\n", std::string(view(id)).c_str());
}

} // namespace

int main(int argc, char **argv)
try {
    if (argc != 2)
        throw std::runtime_error("usage: cplusplus DIRECTORY");
    Store store = open_store(argv[1]);
    put_chat(store.get(), "chat_1", "From C++");
    put_chat(store.get(), "chat_2", "Another one");
    Txn txn = read(store.get());
    print_title(txn.get(), "chat_1");
    print_title(txn.get(), "chat_3");
    print_all(txn.get());
    return 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
